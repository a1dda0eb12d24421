mod authority;
mod calls;
mod world;
