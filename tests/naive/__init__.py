"""An independent reference for the fold: naive, slow, and written from the design alone.

For one customer it recomputes what is due from the whole log at every instant. It shares no line with the
fold, keeps no heap and no window, and must never be made faster by keeping what can be found by looking.
"""
