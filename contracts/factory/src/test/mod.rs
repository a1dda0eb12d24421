mod cost;
mod enforced_invocation;
