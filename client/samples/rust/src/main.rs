//! What to send after the order form, on generated stubs: `cargo run -- http://127.0.0.1:50051`.

mod v1 {
    #![allow(clippy::all)]
    tonic::include_proto!("fingerpost.v1");
}

use std::time::Duration;

use tonic::transport::Endpoint;
use v1::redirect_service_client::RedirectServiceClient;
use v1::{header::Content, DecideRequest, HttpRequest, Intent, Outcome, Purpose};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let address = std::env::args().nth(1).unwrap_or("http://127.0.0.1:50051".into());
    // Connects with the first question, and again after an outage. The timeout is for each answer.
    let channel = Endpoint::from_shared(address)?.timeout(Duration::from_millis(100)).connect_lazy();
    let question = DecideRequest {
        request: Some(HttpRequest { method: "POST".into(), url: "https://shop.example.com/orders".into(), ..Default::default() }),
        wish: Some(v1::decide_request::Wish::Intent(Intent {
            purpose: Purpose::FormResult.into(),
            target: "/orders/7829/confirmation".into(),
            ..Default::default()
        })),
        ..Default::default()
    };
    match RedirectServiceClient::new(channel).decide(question).await {
        // The service said that the question is wrong: asking again does not help.
        Err(status) if status.code() == tonic::Code::InvalidArgument => println!("400 {}", status.message()),
        // Nobody answered: never a guess, and never a 500.
        Err(_) => println!("503 Retry-After: 5"),
        Ok(answer) => write(answer.into_inner()),
    }
    Ok(())
}

fn write(answer: v1::DecideResponse) {
    // An outcome that these stubs do not know, from a newer service, is PASS.
    match Outcome::try_from(answer.outcome).unwrap_or(Outcome::Pass) {
        Outcome::Redirect | Outcome::Respond => println!("{}", answer.status),
        Outcome::Refuse => println!("400 {}", answer.reason.unwrap_or_default().message),
        _ => println!("the page, with these fields:"),
    }
    for line in answer.headers {
        // raw_value has octets that are no UTF-8; neither: the value is withheld, and there is nothing to write.
        let value = match line.content {
            Some(Content::Value(text)) => text.into_bytes(),
            Some(Content::RawValue(octets)) => octets,
            None => continue,
        };
        // What comes from elsewhere is checked before it becomes a field: hyper's HeaderValue refuses control characters.
        println!("{}: {}", line.name, tonic::codegen::http::HeaderValue::from_bytes(&value).unwrap().to_str().unwrap_or("octets"));
    }
}
