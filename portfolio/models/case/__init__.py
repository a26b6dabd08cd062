"""What a verification is made of: who has it, what was looked at, plan, opinion, substitution, appeal, badge."""
