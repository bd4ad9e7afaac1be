"""Which moments matter, and how sure that is: numbers from what customers did and answered.

Arrays come in, frozen findings of `model/` go out. Every number carries its interval and its n; where the
data cannot carry one, the room says what is missing and what would be needed. Nothing here draws by chance,
reads files or knows a pack, and no association is ever called an effect.
"""
