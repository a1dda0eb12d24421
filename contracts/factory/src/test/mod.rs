mod calls;
mod cost;
mod deployment;
mod enforced_invocation;
mod provenance;
mod world;
