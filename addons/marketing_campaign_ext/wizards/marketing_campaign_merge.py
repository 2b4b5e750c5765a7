from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class MarketingCampaignMerge(models.TransientModel):
    """Make one campaign of several, typing variants of link identifiers above all.

    Everything that names a merged campaign names the remaining one afterwards: budget, costs,
    leads, orders, invoices, mailings, clicks, touches, credits, messages. Booked costs keep their
    amounts to the cent: their analytic account is exchanged, nothing is computed again. The
    identifiers of the merged campaigns become aliases, so links in the world still count.
    """

    _name = "marketing.campaign.merge"
    _description = "Merge Campaigns"

    campaign_ids = fields.Many2many(
        "utm.campaign",
        string="Campaigns",
        required=True,
        domain="[('is_template', '=', False)]",
    )
    target_id = fields.Many2one(
        "utm.campaign",
        string="Keep",
        required=True,
        compute="_compute_target_id",
        store=True,
        precompute=True,
        readonly=False,
        domain="[('id', 'in', campaign_ids)]",
        help="The campaign that remains; the others become part of it and disappear.",
    )
    preview = fields.Text(compute="_compute_preview")

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        if self.env.context.get("active_model") == "utm.campaign":
            values.setdefault(
                "campaign_ids", [fields.Command.set(self.env.context.get("active_ids", []))]
            )
        return values

    @api.depends("campaign_ids")
    def _compute_target_id(self):
        """Keep the campaign that was planned, not one that came from a link; else the oldest."""
        for wizard in self:
            if wizard.target_id not in wizard.campaign_ids:
                candidates = wizard.campaign_ids._origin.sorted(
                    lambda campaign: (
                        campaign.is_auto_campaign,
                        campaign.state in ("draft", "cancelled"),
                        campaign.id,
                    )
                )
                wizard.target_id = candidates[:1]

    @api.depends("campaign_ids", "target_id")
    @api.depends_context("lang")
    def _compute_preview(self):
        for wizard in self:
            merged = (wizard.campaign_ids - wizard.target_id)._origin
            # sudo: how much moves, not what
            counts = [
                (
                    self.env["ir.model"]._get(model).sudo().name,
                    self.env[model]
                    .sudo()
                    .with_context(active_test=False)
                    .search_count([(fname, "in", merged.ids)]),
                )
                for model, fname in self._get_preview_models()
                if model in self.env
            ]
            wizard.preview = "\n".join(f"{name}: {count}" for name, count in counts if count)

    @api.model
    def _get_preview_models(self):
        """Models whose records are counted before they move."""
        return [
            ("marketing.budget.line", "campaign_id"),
            ("marketing.cost.line", "campaign_id"),
            ("crm.lead", "campaign_id"),
            ("sale.order", "campaign_id"),
            ("account.move", "campaign_id"),
            ("mailing.mailing", "campaign_id"),
            ("link.tracker", "campaign_id"),
            ("event.registration", "utm_campaign_id"),
            ("marketing.touchpoint", "campaign_id"),
        ]

    # ------------------------------------------------------------------ actions

    def action_merge(self):
        self.ensure_one()
        target = self.target_id
        self._merge(self.campaign_ids - target, target)
        return target._get_form_action()

    # ------------------------------------------------------------------ business

    def _merge(self, merged, target):
        self._check_mergeable(merged, target)
        (merged | target).lock_for_update()
        titles = ", ".join(merged.mapped("title"))
        # sudo: what names the campaigns may be out of the manager's reach and moves all the same
        merged, target = merged.sudo(), target.sudo()
        self._merge_programme(merged, target)
        self._merge_targets(merged, target)
        self._merge_accounts(merged, target)
        self._merge_identifiers(merged, target)
        amounts = self._sum_kept_amounts(merged | target)
        target.message_subscribe(merged.message_partner_ids.ids)
        merged.message_unsubscribe(merged.message_partner_ids.ids)
        tags = merged.tag_ids
        self.env.flush_all()
        merger = self.env["base.partner.merge.automatic.wizard"].sudo()
        merger._update_foreign_keys_generic("utm.campaign", merged, target)
        merger._update_reference_fields_generic("utm.campaign", merged, target)
        self.env.invalidate_all()
        target.write({**amounts, "tag_ids": [fields.Command.link(tag.id) for tag in tags]})
        self.env.add_to_compute(target._fields["budget_amount"], target)
        self.env.add_to_compute(target.action_ids._fields["date_due"], target.action_ids)
        merged.unlink()
        target.message_post(body=self.env._("Merged into this campaign: %(titles)s", titles=titles))

    def _check_mergeable(self, merged, target):
        if not merged or not target:
            raise UserError(self.env._("Choose at least two campaigns, one of which remains."))
        campaigns = merged | target
        campaigns.check_access("write")
        if any(campaigns.mapped("is_template")):
            raise UserError(self.env._("Templates are not merged."))
        for campaign in merged:
            if campaign.company_id not in (target.company_id, self.env["res.company"]):
                raise UserError(
                    self.env._(
                        "%(campaign)s belongs to another company than %(target)s: its money would "
                        "change hands.",
                        campaign=campaign.title,
                        target=target.title,
                    )
                )

    def _merge_programme(self, merged, target):
        """What was below a merged campaign is below the remaining one, without a cycle."""
        parent = target.parent_id
        while parent in merged:
            parent = parent.parent_id
        target.parent_id = parent
        (merged.child_ids - merged - target).write({"parent_id": target.id})
        merged.write({"parent_id": False})

    def _merge_targets(self, merged, target):
        """A metric has one target: the one of the remaining campaign, else the first."""
        seen = set(target.target_ids.mapped("metric"))
        for line in merged.target_ids:
            if line.metric in seen:
                line.unlink()
            else:
                seen.add(line.metric)

    def _merge_accounts(self, merged, target):
        """Book on one analytic account: amounts stay, the account of entries is exchanged."""
        accounts = merged.analytic_account_id
        if not accounts:
            return
        if not target.analytic_account_id:
            target.analytic_account_id = accounts[0]
        remaining = target.analytic_account_id
        exchanged = accounts - remaining
        merged.analytic_account_id = False
        if not exchanged:
            return
        self.env.flush_all()
        merger = self.env["base.partner.merge.automatic.wizard"].sudo()
        merger._update_foreign_keys_generic("account.analytic.account", exchanged, remaining)
        for model_name in self._get_distribution_models():
            self.env.execute_query(self._exchange_sql(model_name, exchanged, remaining))
        self.env.invalidate_all()
        exchanged.action_archive()

    def _get_distribution_models(self):
        """Models with a table and a stored analytic distribution."""
        return [
            model_name
            for model_name, model in self.env.items()
            if not model._abstract
            and model._auto
            and "analytic_distribution" in model._fields
            and model._fields["analytic_distribution"].store
        ]

    def _exchange_sql(self, model_name, exchanged, remaining):
        """Exchange accounts in the keys of distributions; shares of one key add up."""
        table = self.env[model_name]._table
        accounts = self.env[model_name]._query_analytic_accounts(table)
        return SQL(
            """
            UPDATE %(table)s
               SET analytic_distribution = (
                   SELECT jsonb_object_agg(share.key, share.percent)
                     FROM (
                          SELECT renamed.key, SUM(renamed.percent) AS percent
                            FROM (
                                 SELECT (
                                        SELECT STRING_AGG(
                                               CASE WHEN part = ANY(%(exchanged)s)
                                                    THEN %(remaining)s ELSE part END,
                                               ',' ORDER BY position)
                                          FROM UNNEST(STRING_TO_ARRAY(entry.key, ','))
                                               WITH ORDINALITY AS parts(part, position)
                                        ) AS key,
                                        entry.value::numeric AS percent
                                   FROM jsonb_each_text(%(table)s.analytic_distribution) AS entry
                                 ) AS renamed
                        GROUP BY renamed.key
                          ) AS share
                   )
             WHERE %(accounts)s && %(exchanged)s
         RETURNING id
            """,
            table=SQL.identifier(table),
            accounts=accounts,
            exchanged=[str(account_id) for account_id in exchanged.ids],
            remaining=str(remaining.id),
        )

    def _merge_identifiers(self, merged, target):
        """Every identifier that led to a merged campaign leads to the remaining one."""
        taken = self.env["utm.campaign.alias"].sudo()._get_taken(merged.mapped("name"))
        names = {campaign.name for campaign in merged if campaign.name.lower() not in taken}
        self.env["utm.campaign.alias"].sudo().create(
            [{"name": name, "campaign_id": target.id} for name in sorted(names)]
        )

    def _sum_kept_amounts(self, campaigns):
        """Approved amounts add up as the budgets do."""
        return {
            fname: sum(campaigns.mapped(fname))
            for fname in ("budget_baseline_amount", "budget_approved_amount")
        }
