mod chromium;
mod device;
mod duo_client;
mod sandbox;
mod wine;
