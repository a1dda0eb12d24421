mod authorization;
mod members;
mod rotation;
mod world;
