"""Side by side with the peers: programs that print times, and assert nothing."""
