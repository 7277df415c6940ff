//! Passwords: the rule for new ones, hashing, verifying, cost ceilings.
