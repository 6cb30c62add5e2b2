mod chromium;
mod device;
mod duo_client;
mod log;
mod sandbox;
mod wine;
