package dev.postrider.campaign;

/** An application of a run, with one WAHA sender of its own. */
record Tenant(String name, long app, String key, long sender, String session, String hmacKey) {
  String messages() {
    return "/api/messages/" + app;
  }
}
