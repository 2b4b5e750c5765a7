"""How big a world is: one number, the leads, decides all the others."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Size:
    """Row counts of a world.

    >>> Size(100_000).order_lines
    99999
    >>> Size(1_000_000).touches > 5_000_000
    True
    """

    leads: int

    @property
    def partners(self) -> int:
        return self.leads

    @property
    def companies(self) -> int:
        """The partners that are companies; the others work for them."""
        return self.partners // 20

    @property
    def campaigns(self) -> int:
        """500 campaigns for a million leads, and never less than the list of 80 needs."""
        return min(500, max(100, self.leads // 500))

    @property
    def mailings(self) -> int:
        return self.campaigns * 2

    @property
    def traces(self) -> int:
        return self.leads * 28 // 10

    @property
    def unassigned(self) -> int:
        """Fresh leads without team and salesperson, for the assignment."""
        return min(10_000, self.leads // 10)

    @property
    def orders(self) -> int:
        return self.leads // 3

    @property
    def order_lines(self) -> int:
        return self.orders * 3

    @property
    def won_leads(self) -> int:
        return self.leads // 5

    @property
    def purchases(self) -> int:
        return self.campaigns * 10

    @property
    def direct_bills(self) -> int:
        return self.campaigns * 10

    @property
    def touches(self) -> int:
        """About what ingestion makes of it: sent, opened, clicked, arrived, ordered."""
        return int(self.traces * 1.37) + self.leads + self.orders * 9 // 10


LEADS = {"tiny": 500, "small": 2_000, "10k": 10_000, "100k": 100_000, "1m": 1_000_000}

# What SIZE= stands for: the worlds of one run, growing.
SIZES = {
    "small": ["tiny", "small"],
    "10k": ["10k"],
    "medium": ["10k", "100k"],
    "full": ["10k", "100k", "1m"],
}
