"""Foreign rows into `communities.requests.Submission`, with every row's fate said in plain English."""
