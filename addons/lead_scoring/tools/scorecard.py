"""From history to points: a logistic scorecard, or weight of evidence. Pure numbers.

Both give each rule a weight in log-odds; points are the weights in a unit people can read
(``points_per_doubling``: so many points double the odds of winning), rounded to whole numbers.

Little evidence gives little weight: what five leads did is mostly chance, and a rule that speaks
of five leads gets no more points for it than such a handful can carry.

The scorecard weighs rules together, so that evidence which comes in company is not counted
twice. Weight of evidence looks at each rule alone: easy to check by hand, but correlated rules
add up to more than they know.
"""

import numpy as np


def logistic_weights(
    facts: np.ndarray, won: np.ndarray, penalty: float = 1.0, steps: int = 50
) -> tuple[np.ndarray, float]:
    """Weights and intercept of a ridge-penalised logistic regression (Newton's method).

    The penalty does not touch the intercept. It has two parts: on weights of standardised facts,
    so that overlapping rules share what they say; and on the weights themselves, as if each were
    drawn around zero with a standard deviation of one (in log-odds). Standardising alone would
    let the rarest facts, whose spread is smallest, run to the greatest extremes.

    >>> facts = np.array([[1.0], [1.0], [1.0], [0.0], [0.0], [0.0]])
    >>> weights, intercept = logistic_weights(facts, np.array([1, 1, 0, 0, 0, 1], dtype=bool))
    >>> bool(weights[0] > 0)
    True
    """
    facts = np.asarray(facts, dtype=float)
    scale = facts.std(axis=0)
    used = scale > 0
    design = np.column_stack([np.ones(len(facts)), facts[:, used] / scale[used]])
    ridge = np.diag([0.0, *(penalty * (1.0 + 1.0 / scale[used] ** 2))])
    rate = (won.sum() + 0.5) / (len(won) + 1.0)
    beta = np.zeros(design.shape[1])
    beta[0] = np.log(rate / (1.0 - rate))
    loss = _loss(design, won, beta, ridge)
    for _step in range(steps):
        chance = _sigmoid(design @ beta)
        gradient = design.T @ (chance - won) + ridge @ beta
        curvature = design.T @ (design * (chance * (1.0 - chance))[:, None]) + ridge
        move = np.linalg.solve(curvature + 1e-9 * np.eye(len(beta)), gradient)
        stride = 1.0
        while stride > 1e-6 and _loss(design, won, beta - stride * move, ridge) > loss:
            stride /= 2.0  # never step past the valley
        beta = beta - stride * move
        previous, loss = loss, _loss(design, won, beta, ridge)
        if previous - loss < 1e-9 * max(1.0, abs(loss)):
            break
    weights = np.zeros(facts.shape[1])
    weights[used] = beta[1:] / scale[used]
    return weights, float(beta[0])


def _sigmoid(values):
    return 1.0 / (1.0 + np.exp(-np.clip(values, -35.0, 35.0)))


def _loss(design, won, beta, ridge) -> float:
    odds = design @ beta
    return float(np.sum(np.logaddexp(0.0, odds) - won * odds) + 0.5 * beta @ ridge @ beta)


def evidence_weights(facts: np.ndarray, won: np.ndarray, prior: float = 10.0) -> np.ndarray:
    """Weight of evidence of each fact: log-odds when it holds minus log-odds when it does not.

    Either side is counted as if ``prior`` more leads had ended like all leads do (Cestnik's
    m-estimate), so that a fact seen five times moves away from "says nothing" by what five leads
    can prove, and one seen five hundred times is left as it is.

    >>> facts = np.array([[1], [1], [0], [0]])
    >>> bool(evidence_weights(facts, np.array([True, True, False, False]))[0] > 0)
    True
    >>> float(evidence_weights(facts, np.array([True, False, True, False]))[0])
    0.0
    """
    holds = np.asarray(facts) != 0
    rate = (won.sum() + 0.5) / (len(won) + 1.0)
    won_with = holds[won].sum(axis=0) + prior * rate
    lost_with = holds[~won].sum(axis=0) + prior * (1.0 - rate)
    won_without = (~holds[won]).sum(axis=0) + prior * rate
    lost_without = (~holds[~won]).sum(axis=0) + prior * (1.0 - rate)
    weights = np.log(won_with / lost_with) - np.log(won_without / lost_without)
    return np.where(holds.any(axis=0) & (~holds).any(axis=0), weights, 0.0)


def evidence_counts(facts: np.ndarray) -> np.ndarray:
    """How many leads a fact can be judged by: those it holds for, or the others if they are fewer.

    >>> evidence_counts(np.array([[1, 1], [0, 2], [0, 0.5], [0, 3]])).tolist()
    [1, 0]
    """
    holds = np.asarray(facts) != 0
    return np.minimum(holds.sum(axis=0), (~holds).sum(axis=0))


def integer_points(weights: np.ndarray, points_per_doubling: float = 20.0) -> list[int]:
    """Weights in log-odds as whole points.

    >>> integer_points(np.array([np.log(2), -np.log(4), 0.0]), 10)
    [10, -20, 0]
    """
    return [int(np.rint(weight * points_per_doubling / np.log(2.0))) for weight in weights]


def naive_bayes_scores(
    train: list[tuple], train_won: np.ndarray, test: list[tuple], smoothing: float = 0.1
) -> np.ndarray:
    """Log-odds of a naive Bayes over categories: unknown values (None) say nothing.

    The method of Odoo's predictive score, with its smoothing, learned from other leads than the
    ones it is judged by.

    >>> scores = naive_bayes_scores([("a",), ("b",)], np.array([True, False]), [("a",), (None,)])
    >>> bool(scores[0] > scores[1])
    True
    """
    wins, losses = float(train_won.sum()), float((~train_won).sum())
    scores = np.full(len(test), np.log((wins + smoothing) / (losses + smoothing)))
    for column in range(len(test[0]) if test else 0):
        counts: dict = {}
        for row, is_won in zip(train, train_won, strict=True):
            if row[column] is not None:
                counts.setdefault(row[column], [0, 0])[0 if is_won else 1] += 1
        all_won = sum(won for won, __ in counts.values()) + smoothing * (len(counts) or 1)
        all_lost = sum(lost for __, lost in counts.values()) + smoothing * (len(counts) or 1)
        weight = {
            value: np.log((won + smoothing) / all_won) - np.log((lost + smoothing) / all_lost)
            for value, (won, lost) in counts.items()
        }
        scores += np.array([weight.get(row[column], 0.0) for row in test])
    return scores
