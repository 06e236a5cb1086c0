//! The real updater of an installed app, without a window: a question a line in, an answer a line out, both JSON.
//!
//! Where the app lies is said by APPIMAGE, as for any AppImage; which bundle it is, by the mark in this very program.

use std::{collections::HashMap, io, time::Duration};

use serde::Deserialize;
use serde_json::{Value, json};
use tauri::test::{mock_builder, mock_context, noop_assets};
use tauri_plugin_updater::{Builder, Error, Result, Update, UpdaterExt};

/// What the app's own configuration and code would say. `timeout` is in seconds; without one it waits for ever.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    current: String,
    endpoints: Vec<String>,
    pubkey: String,
    require_signed_version: bool,
    target: Option<String>,
    #[serde(default)]
    headers: HashMap<String, String>,
    timeout: Option<f64>,
    #[serde(default)]
    install: bool,
}

fn main() {
    for line in io::stdin().lines() {
        let question = serde_json::from_str(&line.expect("text on stdin")).expect("a question");
        let answer = tauri::async_runtime::block_on(ask(question));
        println!(
            "{}",
            answer.unwrap_or_else(|error| json!({"error": told(&error)}))
        );
    }
}

async fn ask(question: Question) -> Result<Value> {
    let mut context = mock_context(noop_assets());
    context.package_info_mut().version = question.current.parse()?;
    context.config_mut().plugins.0.insert(
        "updater".into(),
        json!({
            "endpoints": question.endpoints,
            "pubkey": question.pubkey,
            "requireSignedVersion": question.require_signed_version,
            "dangerousInsecureTransportProtocol": true,
        }),
    );
    let app = mock_builder()
        .plugin(Builder::new().build())
        .build(context)?;
    let mut updater = app.handle().updater_builder().no_proxy();
    for (name, value) in &question.headers {
        updater = updater.header(name, value)?;
    }
    if let Some(target) = question.target {
        updater = updater.target(target);
    }
    if let Some(seconds) = question.timeout {
        updater = updater.timeout(Duration::from_secs_f64(seconds));
    }
    let found = updater.build()?.check().await?;
    if let (Some(update), true) = (&found, question.install) {
        update.download_and_install(|_, _| (), || ()).await?;
    }
    Ok(json!({"update": found.as_ref().map(shown)}))
}

fn shown(update: &Update) -> Value {
    json!({
        "version": update.version,
        "url": update.download_url,
        "signature": update.signature,
        "notes": update.body,
        "date": update.date.map(|date| date.unix_timestamp()),
        "raw": update.raw_json,
    })
}

/// The error's name, as the plugin's code has it, and its words.
fn told(error: &Error) -> Value {
    let name = format!("{error:?}");
    let kind = name.split(|letter: char| !letter.is_alphanumeric()).next();
    json!({"kind": kind, "words": error.to_string()})
}
