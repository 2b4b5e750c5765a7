from . import test_commitment, test_order_gate
