mod authorization;
mod members;
mod rotation;
mod trust;
mod world;
