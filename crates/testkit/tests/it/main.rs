mod bson;
mod chromium;
mod device;
mod duo_client;
mod log;
mod nodes;
mod sandbox;
mod wine;
