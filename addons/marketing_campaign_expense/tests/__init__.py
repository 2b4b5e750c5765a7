from . import test_expense_cost
