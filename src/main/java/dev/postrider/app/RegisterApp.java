package dev.postrider.app;

import dev.postrider.channel.EmailAddresses;
import dev.postrider.channel.PhoneNumbers;
import dev.postrider.channel.Provider.Checked;
import dev.postrider.platform.Problem;
import dev.postrider.platform.ProblemException;
import dev.postrider.platform.Secret;
import dev.postrider.platform.Settings;
import dev.postrider.platform.Violations;
import dev.postrider.platform.Wired;
import dev.postrider.platform.database.Transactions;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Registers an application and its first key. With a WAHA server in the environment, the
 * application gets a default sender on it, so that its first message needs no further set-up.
 */
@Wired
public class RegisterApp {
  static final int MAX_NAME = 100;

  private final AppStore apps;
  private final ApiKeys keys;
  private final SenderStore senders;
  private final Settings settings;
  private final Transactions transactions;

  public RegisterApp(
      AppStore apps,
      ApiKeys keys,
      SenderStore senders,
      Settings settings,
      Transactions transactions) {
    this.apps = apps;
    this.keys = keys;
    this.senders = senders;
    this.settings = settings;
    this.transactions = transactions;
  }

  /** A new application and the one sight of its key. */
  public record Registered(App app, Secret key) {}

  public Registered register(String name, @Nullable String defaultRecipient) {
    String recipient = recipient(defaultRecipient);
    return transactions.call(() -> {
      App app = apps.insert(name, recipient).orElseThrow(RegisterApp::nameTaken);
      ApiKeys.Issued issued = keys.issue(app.id());
      if (settings.waha().isPresent()) {
        senders.insert(app.id(), environmentSender());
      }
      return new Registered(app, issued.key());
    });
  }

  private static SenderStore.Draft environmentSender() {
    return new SenderStore.Draft(
        "waha", null, "WAHA of the environment", Map.of(), Map.of(), true, true);
  }

  static ProblemException nameTaken() {
    return ProblemException.of(Problem.CONFLICT, "Another application has this app_name.");
  }

  static String checkName(@Nullable String name, Violations violations) {
    violations.line("app_name", name, MAX_NAME);
    violations.require(name != null && !name.isBlank(), "app_name", "is required");
    return name == null ? "" : name.strip();
  }

  /** A default recipient may suit any provider: a number, or an e-mail address. */
  static @Nullable String recipient(@Nullable String raw) {
    if (raw == null) {
      return null;
    }
    Checked checked = raw.contains("@") ? EmailAddresses.parse(raw) : PhoneNumbers.e164(raw);
    return switch (checked) {
      case Checked.Ok(var recipient) -> recipient;
      case Checked.Bad(var detail) -> throw ProblemException.invalid("default_recipient", detail);
    };
  }
}
