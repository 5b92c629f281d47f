"""What an automaton foretells of traces that it has not learned: a guarantee that supposes no automaton behind them."""
