package dev.postrider.app;

import dev.postrider.platform.Home;
import dev.postrider.platform.ProblemException;
import dev.postrider.platform.Settings;
import dev.postrider.platform.SettingsException;
import dev.postrider.platform.Wired;
import dev.postrider.platform.database.Transactions;

/**
 * With a WAHA server in the environment and an empty database, makes the application "default" at
 * the first start and keeps its key in the data directory: the brief's own curl works without any
 * set-up.
 */
@Wired
public class FirstApp {
  public static final String KEY_FILE = "app-key";
  private final Settings settings;
  private final Home home;
  private final AppStore store;
  private final RegisterApp registerApp;
  private final Transactions transactions;

  public FirstApp(
      Settings settings,
      Home home,
      AppStore store,
      RegisterApp registerApp,
      Transactions transactions) {
    this.transactions = transactions;
    this.settings = settings;
    this.home = home;
    this.store = store;
    this.registerApp = registerApp;
    try {
      settings.defaultRecipient().ifPresent(RegisterApp::recipient);
    } catch (ProblemException e) {
      throw new SettingsException(
          "POSTRIDER_DEFAULT_RECIPIENT", "cannot be used: " + e.detail(), "Mend it or unset it.");
    }
  }

  public void create() {
    if (settings.waha().isPresent() && !store.any()) {
      try {
        // Both or none: nobody can be shown the key of an application that was there before.
        transactions.run(() -> {
          var registered =
              registerApp.register("default", settings.defaultRecipient().orElse(null));
          home.write(KEY_FILE, registered.key());
        });
      } catch (ProblemException _) {
        // Another node was first; the key is in its data directory.
      }
    }
  }
}
