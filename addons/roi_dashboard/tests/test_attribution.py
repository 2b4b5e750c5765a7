from datetime import timedelta

from odoo.exceptions import UserError, ValidationError

from .common import NOON, RoiCommon


class TestAttribution(RoiCommon):
    """Which touch is credited with how much."""

    def test_last_touch_takes_all(self):
        self._create_touch(-20, self.campaign_a)
        last = self._create_touch(-2, self.campaign_b)
        order = self._create_order()
        self.Run._run()
        self.assertEqual(self._weights(order, self.last), {last: 1.0})

    def test_linear_shares_equally(self):
        touches = [self._create_touch(day) for day in (-20, -10, -1)]
        order = self._create_order()
        self.Run._run()
        weights = self._weights(order, self.linear)
        self.assertEqual(list(weights), touches)
        for weight in weights.values():
            self.assertAlmostEqual(weight, 1 / 3, places=12)

    def test_positions_of_four_touches(self):
        for day in (-20, -15, -10, -1):
            self._create_touch(day)
        order = self._create_order()
        self.Run._run()
        expected = {
            "model_first_touch": [1.0],
            "model_u_shaped": [0.4, 0.1, 0.1, 0.4],
            "model_j_shaped": [0.2, 0.1, 0.1, 0.6],
            "model_inverse_j": [0.6, 0.1, 0.1, 0.2],
        }
        for xmlid, shares in expected.items():
            with self.subTest(model=xmlid):
                weights = self._weights(order, self.env.ref(f"roi_dashboard.{xmlid}"))
                self.assertEqual([round(w, 9) for w in weights.values()], shares)

    def test_w_shaped_and_full_path_find_the_milestones(self):
        """Touches on days -40, -30, -20, -10, -1; lead on day -29, opportunity on day -9."""
        for day in (-40, -30, -20, -10, -1):
            self._create_touch(day)
        lead = self._create_lead()
        self._set_created(lead, -29)
        lead.date_conversion = NOON + timedelta(days=-9)
        order = self._create_order(opportunity_id=lead.id)
        self.Run._run()
        w_shaped = self._weights(order, self.env.ref("roi_dashboard.model_w_shaped"))
        self.assertEqual([round(w, 9) for w in w_shaped.values()], [0.3, 0.3, 0.05, 0.3, 0.05])
        full = self._weights(order, self.env.ref("roi_dashboard.model_full_path"))
        self.assertEqual([round(w, 9) for w in full.values()], [0.225, 0.225, 0.1, 0.225, 0.225])

    def test_missing_milestones_leave_their_share_to_the_others(self):
        """Without a lead W-shaped knows the first touch only: 90 %, the others share 10 %."""
        for day in (-20, -10, -1):
            self._create_touch(day)
        order = self._create_order()
        self.Run._run()
        weights = self._weights(order, self.env.ref("roi_dashboard.model_w_shaped"))
        self.assertEqual([round(w, 9) for w in weights.values()], [0.9, 0.05, 0.05])

    def test_time_decay_halves_with_every_half_life(self):
        for day in (-14, -7, 0):
            self._create_touch(day)
        order = self._create_order()
        self.Run._run()
        weights = self._weights(order, self.env.ref("roi_dashboard.model_time_decay"))
        self.assertEqual(
            [round(w, 9) for w in weights.values()],
            [round(share / 7, 9) for share in (1, 2, 4)],
        )

    def test_time_decay_survives_a_tiny_half_life(self):
        model = self.env.ref("roi_dashboard.model_time_decay")
        model.half_life_days = 0.001
        self._create_touch(-80)
        last = self._create_touch(-1)
        order = self._create_order()
        self.Run._run()
        self.assertEqual(self._weights(order, model), {last: 1.0})

    def test_last_non_direct_passes_over_direct_visits(self):
        direct = self.env.ref("utm.utm_medium_direct")
        campaign = self._create_touch(-5)
        visit = self._create_touch(-1, self.campaign_b, medium_id=direct.id)
        order = self._create_order()
        self.Run._run()
        model = self.env.ref("roi_dashboard.model_last_non_direct")
        self.assertEqual(self._weights(order, model), {campaign: 1.0})
        self.assertEqual(self._weights(order, self.last), {visit: 1.0})

    def test_custom_shares_are_used_and_must_sum_to_one_hundred(self):
        model = self.env.ref("roi_dashboard.model_custom")
        model.write(
            {
                "active": True,
                "share_first": 70,
                "share_lead": 0,
                "share_last": 30,
                "share_middle": 0,
            }
        )
        self._create_touch(-5)
        self._create_touch(-1)
        order = self._create_order()
        self.Run._run()
        self.assertEqual([round(w, 9) for w in self._weights(order, model).values()], [0.7, 0.3])
        with self.assertRaises(ValidationError):
            model.share_first = 60

    # ------------------------------------------------------------------ eligible touches

    def test_touches_after_the_order_are_not_credited(self):
        before = self._create_touch(-1)
        self._create_touch(1)
        order = self._create_order()
        self.Run._run()
        self.assertEqual(self._weights(order, self.linear), {before: 1.0})

    def test_touches_before_the_window_are_not_credited(self):
        self._create_touch(-91)
        inside = self._create_touch(-89)
        order = self._create_order()
        self.Run._run()
        self.assertEqual(self._weights(order, self.linear), {inside: 1.0})

    def test_a_window_of_zero_has_no_limit(self):
        old = self._create_touch(-900)
        self.linear.window_days = 0
        order = self._create_order()
        self.Run._run()
        self.assertEqual(self._weights(order, self.linear), {old: 1.0})

    def test_machines_and_sent_mails_are_not_touches(self):
        self._create_touch(-3, is_bot=True, bot_reason="manual")
        self._create_touch(-2, kind="mail_sent")
        order = self._create_order()
        self.Run._run()
        no_touch = self.env["marketing.touchpoint"]
        self.assertEqual(self._weights(order, self.linear), {no_touch: 1.0})

    def test_opened_mails_count_where_the_model_says_so(self):
        opened = self._create_touch(-2, kind="mail_open")
        order = self._create_order()
        self.last.with_opens = False
        self.Run._run()
        no_touch = self.env["marketing.touchpoint"]
        self.assertEqual(self._weights(order, self.last), {no_touch: 1.0})
        self.assertEqual(self._weights(order, self.linear), {opened: 1.0})

    def test_repeats_within_an_hour_are_one_touch(self):
        first = self._create_touch(-2)
        self._create_touch(-2 + 0.5 / 24)
        other = self._create_touch(-2 + 0.6 / 24, self.campaign_b)
        later = self._create_touch(-2 + 2 / 24)
        order = self._create_order()
        self.Run._run()
        self.assertEqual(list(self._weights(order, self.linear)), [first, other, later])

    def test_a_company_of_its_own_does_not_see_touches_of_another(self):
        other = self.env["res.company"].create({"name": "Other"})
        self._create_touch(-2, company_id=other.id)
        mine = self._create_touch(-3, company_id=self.company.id)
        order = self._create_order()
        self.Run._run()
        self.assertEqual(self._weights(order, self.linear), {mine: 1.0})

    # ------------------------------------------------------------------ whose touches

    def test_contact_scopes(self):
        """A buyer and a colleague of one company; each with a touch."""
        parent = self.env["res.partner"].create({"name": "Firm", "is_company": True})
        buyer, colleague = self.env["res.partner"].create(
            [
                {"name": name, "parent_id": parent.id, "email": f"{name}@firm.example"}
                for name in ("buyer", "colleague")
            ]
        )
        theirs = self._create_touch(-5, partner=colleague)
        mine = self._create_touch(-2, partner=buyer)
        order = self._create_order(partner=buyer)
        expected = {"contact": [mine], "account": [theirs, mine], "hybrid": [mine]}
        for scope, touches in expected.items():
            with self.subTest(scope=scope):
                self.linear.contact_scope = scope
                self.Run._run()
                self.assertEqual(list(self._weights(order, self.linear)), touches)

    def test_hybrid_scope_falls_back_to_the_company(self):
        parent = self.env["res.partner"].create({"name": "Firm", "is_company": True})
        buyer, colleague = self.env["res.partner"].create(
            [{"name": name, "parent_id": parent.id} for name in ("buyer", "colleague")]
        )
        theirs = self._create_touch(-5, partner=colleague)
        order = self._create_order(partner=buyer)
        self.Run._run()
        self.assertEqual(self._weights(order, self.linear), {theirs: 1.0})

    def test_touches_are_found_by_address_before_the_contact_existed(self):
        nobody = self.env["res.partner"]
        touch = self._create_touch(-5, partner=nobody, email_normalized="customer@roi.example")
        order = self._create_order()
        self.Run._run()
        self.assertEqual(self._weights(order, self.linear), {touch: 1.0})

    def test_touches_at_a_former_address_count_until_it_was_given_up(self):
        """Somebody else may have the address by now: what they do is theirs."""
        nobody = self.env["res.partner"]
        lead = self._create_lead(partner_id=False, email_from="new@roi.example")
        # sudo: addresses are remembered by the log itself
        self.env["marketing.touchpoint.address"].sudo().create(
            {
                "lead_id": lead.id,
                "email_normalized": "old@roi.example",
                "date_until": NOON + timedelta(days=-3),
            }
        )
        before, _after = (
            self._create_touch(days, partner=nobody, email_normalized="old@roi.example")
            for days in (-5, -1)
        )
        order = self._create_order(opportunity_id=lead.id)
        self.Run._run(full=True)
        self.assertEqual(self._weights(order, self.linear), {before: 1.0})
        self._age_everything()
        late = self._create_touch(-4, partner=nobody, email_normalized="old@roi.example")
        self.Run._run()
        self.assertEqual(self._weights(order, self.linear), {before: 0.5, late: 0.5})

    def test_an_order_is_not_the_last_touch_before_itself(self):
        """A lead of campaign A, then a click on B: the order inherits A, the last touch is B."""
        lead = self._create_lead(campaign_id=self.campaign_a.id)
        self._create_touch(-9, lead_id=lead.id)
        click = self._create_touch(-2, self.campaign_b)
        order = self._create_order(opportunity_id=lead.id, campaign_id=self.campaign_a.id)
        own = self._create_touch(0, kind="order", res_model="sale.order", res_id=order.id)
        self.Run._run()
        self.assertEqual(self._weights(order, self.last), {click: 1.0})
        self.assertNotIn(own, self._weights(order, self.linear))

    def test_an_order_with_a_campaign_of_its_own_is_a_touch(self):
        """Nobody led to this order: what it carries itself is what is known."""
        order = self._create_order(campaign_id=self.campaign_b.id)
        self.Run._run()
        touch = self.env["marketing.touchpoint"].search(
            [("kind", "=", "order"), ("res_id", "=", order.id)]
        )
        weights = self._weights(order, self.last)
        self.assertEqual([t.campaign_id for t in weights], [self.campaign_b])
        self.assertEqual(len(touch), 1)

    # ------------------------------------------------------------------ conversions

    def test_won_opportunity_without_order_is_a_conversion(self):
        touch = self._create_touch(-2)
        lead = self._create_lead(expected_revenue=500)
        lead.action_set_won()
        lead.date_closed = NOON
        self.Run._run()
        self.assertEqual(self._conversion(lead).kind, "opportunity")
        self.assertEqual(self._weights(lead, self.linear), {touch: 1.0})
        self.assertRevenue(500, campaign=self.campaign_a, measure="revenue_won")

    def test_the_order_takes_the_place_of_its_opportunity(self):
        lead = self._create_lead(expected_revenue=500)
        lead.action_set_won()
        self.Run._run()
        order = self._create_order(opportunity_id=lead.id)
        self.Run._run()
        self.assertEqual(self._conversion(lead).order_id, order)
        self.assertRevenue(0, measure="revenue_won")
        self.assertRevenue(1, measure="conversion_count")

    def test_open_opportunities_are_pipeline_and_no_conversion(self):
        lead = self._create_lead(expected_revenue=500)
        lead.probability = 30
        self._create_touch(0, date=lead.create_date - timedelta(days=1))
        self.Run._run()
        self.assertRevenue(500, campaign=self.campaign_a, measure="pipeline_amount")
        self.assertRevenue(150, campaign=self.campaign_a, measure="pipeline_weighted")
        self.assertRevenue(0, measure="conversion_count")
        lead.action_set_lost()
        self.Run._run()
        self.assertRevenue(0, measure="pipeline_amount")

    def test_a_cancelled_order_is_no_conversion(self):
        self._create_touch(-2)
        order = self._create_order()
        self.Run._run()
        order._action_cancel()
        self.Run._run()
        self.assertFalse(self._conversion(order))
        self.assertRevenue(0, measure="revenue_ordered")
        self.assertFalse(self.env["marketing.attribution.credit"].search([("run_id", "=", False)]))

    def test_new_customers_are_counted_by_their_first_invoice(self):
        self._create_touch(-2)
        first = self._create_order(days=0)
        self._invoice(first, days=1)
        self._invoice(self._create_order(days=2), days=3)
        self.Run._run()
        self.assertRevenue(1, campaign=self.campaign_a, measure="new_customer_count")
        self.assertEqual(
            self._conversion(first).date_new_customer, (NOON + timedelta(days=1)).date()
        )

    # ------------------------------------------------------------------ recomputing

    def test_a_run_repeated_changes_nothing(self):
        self._create_touch(-2)
        order = self._create_order()
        self._invoice(order)
        self.Run._run()
        before = self._conversion(order).revenue_ids.ids
        run = self.Run._run()
        self.assertEqual(run.conversion_count, 0)
        self.assertEqual(run.revenue_count, 0)
        self.assertEqual(self._conversion(order).revenue_ids.ids, before)

    def test_only_what_changed_is_redone(self):
        """Two orders; after everything is an hour old, one gets a late touch."""
        other = self.env["res.partner"].create({"name": "Other"})
        touch = self._create_touch(-2)
        order = self._create_order()
        untouched = self._create_order(partner=other)
        self.Run._run(full=True)
        self._age_everything()
        run = self.Run._run()
        self.assertEqual(run.redone_count, 0)
        late = self._create_touch(-1, self.campaign_b)
        run = self.Run._run()
        self.assertEqual(run.redone_count, 1)
        self.assertEqual(list(self._weights(order, self.linear)), [touch, late])
        self.assertEqual(len(self._weights(untouched, self.linear)), 1)

    def test_a_full_run_writes_what_differs(self):
        """Credits that are right stay as they are, and so does who wrote them."""
        self._create_touch(-2)
        order = self._create_order()
        self._create_order(partner=self.env["res.partner"].create({"name": "Other"}))
        self.Run._run(full=True)
        credits = self.env["marketing.attribution.credit"].search([])
        run = self.Run._run(full=True)
        self.assertEqual((run.redone_count, run.credit_count), (2, 0))
        self.assertEqual(self.env["marketing.attribution.credit"].search([]), credits)
        late = self._create_touch(-1, self.campaign_b)
        run = self.Run._run(full=True)
        self.assertIn(late, self._weights(order, self.linear))
        written = self._conversion(order).credit_ids.filtered(lambda credit: credit.run_id == run)
        self.assertEqual(run.credit_count, len(written))
        self.assertIn(self.linear, written.model_id)
        self.assertNotIn("first", written.model_id.mapped("method"))

    def test_the_model_used_for_roi_is_neither_archived_nor_deleted(self):
        """Some model has to answer; another one can take its place first."""
        for leave in (lambda: self.last.write({"active": False}), self.last.unlink):
            with self.assertRaisesRegex(UserError, "used for ROI"):
                leave()
        self.linear.action_make_default()
        self.last.active = False
        self.Run._run(full=True)
        self.assertFalse(self.last.is_default)

    def test_an_archived_model_starts_afresh(self):
        """Orders that came while it was archived are credited under it as well."""
        self.linear.active = False
        touch = self._create_touch(-2)
        order = self._create_order()
        self.Run._run()
        self._age_everything()
        self.assertFalse(self._weights(order, self.linear))
        self.linear.active = True
        self.assertTrue(self.linear.is_outdated)
        self.Run._run()
        self.assertEqual(self._weights(order, self.linear), {touch: 1.0})

    def test_deleted_touches_give_their_credit_back(self):
        touch = self._create_touch(-2)
        gone = self._create_touch(-1, self.campaign_b)
        order = self._create_order()
        self.Run._run(full=True)
        self._age_everything()
        gone.unlink()
        self.Run._run()
        self.assertEqual(self._weights(order, self.linear), {touch: 1.0})

    def test_changed_parameters_make_a_new_version(self):
        self._create_touch(-20)
        inside = self._create_touch(-2)
        order = self._create_order()
        self.Run._run(full=True)
        self._age_everything()
        version = self.linear.version
        self.linear.window_days = 10
        self.assertEqual(self.linear.version, version + 1)
        self.assertTrue(self.linear.is_outdated)
        self.Run._run()
        self.assertEqual(self._weights(order, self.linear), {inside: 1.0})
        self.assertEqual(
            self._conversion(order)
            .credit_ids.filtered(lambda credit: credit.model_id == self.linear)
            .model_version,
            version + 1,
        )

    def _age_everything(self):
        """Make all documents and touches older than the last run looks back."""
        self.env.flush_all()
        for table in (
            "sale_order",
            "crm_lead",
            "res_partner",
            "account_move",
            "marketing_touchpoint",
        ):
            self.env.cr.execute(f"UPDATE {table} SET write_date = write_date - INTERVAL '1 day'")
        self.env.invalidate_all()
