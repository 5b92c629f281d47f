"""What learned automata are measured against."""
