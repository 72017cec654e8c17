// reqwest: a JSON request a line in, how the client said it ended out.

use std::error::Error;
use std::io::{stdin, BufRead, Cursor};

use reqwest::blocking::{Body, Client};
use reqwest::{Certificate, Method};
use serde_json::{json, Value};

fn send(client: &Client, question: &Value) -> Result<u16, Box<dyn Error>> {
    let method = Method::from_bytes(question["method"].as_str().unwrap_or_default().as_bytes())?;
    let mut request = client.request(method, question["url"].as_str().unwrap_or_default());
    for field in question["headers"].as_array().into_iter().flatten() {
        request = request.header(field[0].as_str().unwrap_or_default(), field[1].as_str().unwrap_or_default());
    }
    if let Some(content) = question["content"].as_str() {
        let content = content.to_owned();
        request = request.body(match question["one_shot"].as_bool() {
            Some(true) => Body::new(Cursor::new(content)),
            _ => Body::from(content),
        });
    }
    Ok(request.send()?.status().as_u16())
}

/// The error and what caused it, which reqwest says apart.
fn describe(error: &dyn Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {}", describe(source)),
        None => error.to_string(),
    }
}

/// reqwest's, as it was locked.
fn version() -> &'static str {
    let (_, rest) = include_str!("../Cargo.lock").split_once("name = \"reqwest\"\nversion = \"").unwrap_or_default();
    rest.split('"').next().unwrap_or_default()
}

fn main() -> Result<(), Box<dyn Error>> {
    let authority = Certificate::from_pem(&std::fs::read(std::env::var("CA_FILE")?)?)?;
    let client = Client::builder().add_root_certificate(authority).no_proxy().build()?;
    println!("{}", json!({ "version": version() }));
    for line in stdin().lock().lines() {
        let question: Value = serde_json::from_str(&line?)?;
        match send(&client, &question) {
            Ok(status) => println!("{}", json!({ "status": status })),
            Err(error) => println!("{}", json!({ "error": describe(error.as_ref()) })),
        }
    }
    Ok(())
}
