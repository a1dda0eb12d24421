mod cost;
mod deployment;
mod enforced_invocation;
