from freezegun import freeze_time

from odoo.tests import TransactionCase
from odoo.tools import SQL

from odoo.addons.mail.tests.common import mail_new_test_user


class AssignmentCommon(TransactionCase):
    """Three salespeople in one pool, one rule that takes every lead, a team that uses rules.

    Ann, Bob and Cai share pool "Inside sales" with equal weights. Mona is their manager.
    Zoe is in no pool. Other rules and pools of the database are switched off.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "tracking_disable": True})
        cls.env["lead.assignment.rule"].search([]).active = False
        cls.env["crm.lead"].search([("user_id", "=", False)]).active = False
        cls.env["crm.team"].search([]).assignment_engine = "native"
        cls.ann, cls.bob, cls.cai, cls.zoe = (
            mail_new_test_user(
                cls.env,
                login=f"assign_{name}",
                name=name.title(),
                email=f"{name}@sales.example.com",
                groups="sales_team.group_sale_salesman",
                tz="UTC",
            )
            for name in ("ann", "bob", "cai", "zoe")
        )
        cls.mona = mail_new_test_user(
            cls.env,
            login="assign_mona",
            name="Mona",
            email="mona@sales.example.com",
            groups="sales_team.group_sale_manager",
            tz="UTC",
        )
        cls.people = cls.ann | cls.bob | cls.cai
        cls.team = cls.env["crm.team"].create(
            {
                "name": "Rules Team",
                "assignment_engine": "rules",
                "use_leads": True,
                "member_ids": [(6, 0, (cls.people | cls.zoe).ids)],
            }
        )
        cls.pool = cls._create_pool("Inside sales", cls.people)
        cls.rule = cls._create_rule(cls.pool)

    @classmethod
    def _create_pool(cls, name, users, weights=None, **values):
        weights = weights or [1] * len(users)
        return cls.env["lead.assignment.pool"].create(
            {
                "name": name,
                "member_ids": [
                    (0, 0, {"user_id": user.id, "weight": weight, "sequence": number})
                    for number, (user, weight) in enumerate(zip(users, weights, strict=True))
                ],
                **values,
            }
        )

    @classmethod
    def _create_rule(cls, pool, domain="[]", **values):
        return cls.env["lead.assignment.rule"].create(
            {"name": f"Rule of {pool.name}", "pool_id": pool.id, "domain": domain, **values}
        )

    @classmethod
    def _create_leads(cls, count=1, **values):
        return cls.env["crm.lead"].create(
            [
                {
                    "name": f"Lead {number}",
                    "type": "lead",
                    "user_id": False,
                    "team_id": cls.team.id,
                    **values,
                }
                for number in range(count)
            ]
        )

    def _assign(self, leads):
        leads.with_user(self.mona).action_assign_by_rules()
        leads.invalidate_recordset()

    def _seat(self, user, pool=None):
        return (pool or self.pool).member_ids.filtered(lambda seat: seat.user_id == user)

    def _decision(self, lead):
        return self.env["lead.assignment.decision"].search(
            [("lead_id", "=", lead.id)], order="id desc", limit=1
        )

    def _at(self, date):
        """From now on it is that moment, for the database as well."""
        frozen = freeze_time(date)
        frozen.start()
        self.addCleanup(frozen.stop)
        self.env.cr._now = date
        self.addCleanup(setattr, self.env.cr, "_now", None)

    def _date(self, records, **dates):
        """Write dates the ORM sets by itself, such as ``create_date``."""
        self.env.flush_all()
        for name, date in dates.items():
            self.env.cr.execute(
                SQL(
                    "UPDATE %s SET %s = %s WHERE id IN %s",
                    SQL.identifier(records._table),
                    SQL.identifier(name),
                    date,
                    tuple(records.ids),
                )
            )
        records.invalidate_recordset()

    @classmethod
    def _create_calendar(cls, *hours, days=range(5)):
        """Working hours in UTC: pairs of hours, on weekdays."""
        return cls.env["resource.calendar"].create(
            {
                "name": "Office",
                "tz": "UTC",
                "company_id": False,
                "attendance_ids": [
                    (
                        0,
                        0,
                        {
                            "name": f"{day}{start}",
                            "dayofweek": str(day),
                            "hour_from": start,
                            "hour_to": stop,
                            "day_period": "morning" if stop <= 12 else "afternoon",
                        },
                    )
                    for day in days
                    for start, stop in hours
                ],
            }
        )

    def assertOwners(self, leads, users):
        self.assertEqual(leads.mapped(lambda lead: lead.user_id.name), users.mapped("name"))
