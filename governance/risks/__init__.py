"""The register of risks: how they are scored, who answers them and by when.

A risk is one model × one category. Evidence and assessments make its score;
people acknowledge, mitigate, accept or dispute it. The method is the one of
`docs/explanation`: worst factor plus bounded corroboration.
"""
