"""How far a learned automaton can be trusted: evidence in, one document out, for machines and for people."""
