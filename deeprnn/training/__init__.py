"""Training: a generator of small frozen records. It knows no threads, files, printing or plots."""
