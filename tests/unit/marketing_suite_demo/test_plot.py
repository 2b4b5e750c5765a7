"""The plot of the demo company: the same every time, and nothing happens before its cause."""

from datetime import date, timedelta

import pytest

from odoo.addons.marketing_suite_demo.tools import catalogue, plot, programme, purse
from odoo.addons.marketing_suite_demo.tools.timeline import Timeline


@pytest.fixture(scope="module")
def told():
    return plot.Plot()


def test_the_plot_is_the_same_every_time(told):
    again = plot.Plot()
    for chapter in ("firms", "people", "leads", "orders", "traces", "registrations", "visits"):
        assert getattr(again, chapter) == getattr(told, chapter)


def test_addresses_are_invented_and_belong_to_one_person(told):
    emails = [person.email for person in told.people]
    assert len(set(emails)) == len(emails)
    assert all(email.endswith(".example") for email in emails)
    assert len({person.key for person in told.people}) == len(told.people)


def test_every_person_becomes_one_lead_at_most(told):
    people = [lead.person.key for lead in told.leads]
    assert len(set(people)) == len(people)
    assert 600 <= len(told.leads) <= 1500


def test_nothing_happens_in_the_future(told):
    days = [lead.day for lead in told.leads]
    days += [lead.closed for lead in told.leads if lead.closed is not None]
    days += [order.day for order in told.orders]
    days += [trace.sent for trace in told.traces]
    days += [day for trace in told.traces for day in trace.clicks]
    days += [trace.scanned for trace in told.traces if trace.scanned is not None]
    days += [day for visit in told.visits for _page, day in visit.pages]
    days += [contact.day for contact in told.contacts]
    assert max(days) < 0


def test_causes_come_before_effects(told):
    for trace in told.traces:
        reactions = [day for day in (trace.opened, *trace.clicks) if day is not None]
        assert all(day >= trace.sent for day in reactions)
    for lead in told.leads:
        if lead.qualified is not None:
            assert lead.qualified > lead.day - 1
        if lead.closed is not None:
            assert lead.closed > lead.day
    for order in told.orders:
        if order.invoiced is not None:
            assert order.invoiced >= order.day
        if order.paid is not None:
            assert order.paid >= order.invoiced
        if order.refund:
            assert order.refund[1] >= order.invoiced


def test_a_campaign_sells_only_after_it_began(told):
    starts = {campaign.key: campaign.start for campaign in programme.CAMPAIGNS}
    for lead in told.leads:
        if lead.campaign:
            assert lead.day >= starts[lead.campaign]


def test_the_story_has_what_every_list_needs(told):
    outcomes = {lead.outcome for lead in told.leads}
    assert outcomes == {"new", "open", "won", "lost"}
    assert {order.state for order in told.orders} == {"sale", "sent", "draft", "cancel"}
    assert {order.currency for order in told.orders} == {"EUR", "CNY", "CHF", "GBP", "USD"}
    assert any(order.refund and order.refund[0] == "full" for order in told.orders)
    assert any(order.refund and order.refund[0] == "partial" for order in told.orders)
    assert len({order.group for order in told.orders if order.group}) == 3
    assert not any(lead.campaign == programme.NO_REVENUE for lead in told.leads)
    assert sum(lead.campaign == programme.TOO_YOUNG for lead in told.leads) > 5


def test_shares_of_every_line_of_every_bill_sum_to_everything():
    lines = [line for document in (*purse.BILLS, *purse.PURCHASE_ORDERS) for line in document.lines]
    for line in lines:
        total = sum(percentage for _campaign, percentage in line.shares)
        assert not line.shares or round(total, 2) == 100.0


def test_no_order_is_billed_more_than_once():
    for order in purse.PURCHASE_ORDERS:
        assert sum(share for _day, share in order.billings) <= 1.0


def test_the_documents_speak_of_things_that_exist():
    campaigns = {campaign.key for campaign in programme.CAMPAIGNS}
    for document in (*purse.BILLS, *purse.PURCHASE_ORDERS):
        assert document.vendor in catalogue.VENDORS
        for line in document.lines:
            assert line.service in catalogue.SERVICES
            assert {campaign for campaign, _share in line.shares} <= campaigns
    assert {accrual.campaign for accrual in purse.ACCRUALS} <= campaigns
    assert {expense.campaign for expense in purse.EXPENSES} <= campaigns
    assert {campaign.parent for campaign in programme.CAMPAIGNS} - {""} <= campaigns


@pytest.mark.parametrize("today", [date(2026, 3, 1), date(2027, 1, 31), date(2028, 2, 29)])
def test_the_story_ends_on_the_day_it_is_told(today):
    timeline = Timeline(today)
    assert timeline.day(0) == today
    assert timeline.day(-14) == today - timedelta(days=14)
    assert len(timeline.month_starts()) == 15
    assert timeline.month_starts()[-1] == today.replace(day=1)
    first = min(campaign.start for campaign in programme.CAMPAIGNS)
    assert timeline.month_starts()[0] <= timeline.day(first)
