package dev.postrider.message;

import dev.postrider.app.AppId;

/** What an application calls a group of its messages. */
public record CampaignId(AppId app, String name) {}
