from . import test_commitment, test_cost_performance, test_order_gate
