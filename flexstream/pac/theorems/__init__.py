"""What each theorem supposes and asks for, one a file."""
