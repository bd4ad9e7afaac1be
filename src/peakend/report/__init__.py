"""The report of a backtest: one HTML page, in Chinese and English, that works offline and prints.

It shows what a backtest found and nothing else: no figure without its n, no winner where intervals overlap,
no zero where there is no data. It never computes an effect.
"""
