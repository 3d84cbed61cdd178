package dev.postrider.app;

import dev.postrider.channel.Provider;
import dev.postrider.channel.Providers;
import dev.postrider.channel.SenderAccount;
import dev.postrider.platform.Problem;
import dev.postrider.platform.ProblemException;
import dev.postrider.platform.Quota;
import dev.postrider.platform.Secret;
import dev.postrider.platform.Text;
import dev.postrider.platform.Violations;
import dev.postrider.platform.Wired;
import dev.postrider.platform.database.Transactions;
import dev.postrider.platform.secret.Vault;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Adds, changes and deletes senders; their provider has the word on what makes a good one. */
@Wired
public class EditSenders {
  private static final int MOST = 1000;
  private static final int MAX_VALUE = 2000;
  private static final int MAX_ENTRIES = 30;

  private final SenderStore store;
  private final Providers providers;
  private final Apps apps;
  private final Transactions transactions;

  public EditSenders(SenderStore store, Providers providers, Apps apps, Transactions transactions) {
    this.store = store;
    this.providers = providers;
    this.apps = apps;
    this.transactions = transactions;
  }

  /** What a caller asks for; null where it says nothing. */
  record Change(
      @Nullable String provider,
      @Nullable String address,
      @Nullable String name,
      @Nullable Map<String, Object> settings,
      @Nullable Map<String, String> credentials,
      @Nullable Boolean isDefault) {}

  Sender add(AppId app, Change wanted, boolean trusted) {
    Violations violations = new Violations();
    Provider provider = provider(wanted.provider(), violations);
    Quota.check(store.count(app), MOST, "senders");
    SenderStore.Draft draft =
        draft(
            provider,
            wanted,
            Map.of(),
            Map.of(),
            Boolean.TRUE.equals(wanted.isDefault()),
            trusted,
            violations);
    check(app, 0, provider, draft, violations);
    SenderId id =
        transactions
            .call(() -> {
              store.lock(app);
              boolean first = wanted.isDefault() == null && store.count(app) == 0;
              return store.insert(app, first ? draft.asDefault() : draft);
            })
            .orElseThrow(EditSenders::addressTaken);
    apps.forget(app, id);
    return store.find(app, id).orElseThrow();
  }

  Sender change(AppId app, SenderId id, Change wanted, boolean trusted) {
    // One reading of its row, that nobody changes meanwhile: settings of one moment and credentials
    // of another would bring back what was replaced, or take a secret to where it was not sent.
    Sender changed =
        transactions.call(() -> {
          store.lock(app);
          update(
              store.findToChange(app, id).orElseThrow(() -> ProblemException.notFound("sender")),
              wanted,
              trusted);
          return store.find(app, id).orElseThrow();
        });
    apps.forget(app, id);
    return changed;
  }

  private Map<String, Secret> stored(SenderId id) {
    try {
      return store.account(id).map(SenderAccount::credentials).orElse(Map.of());
    } catch (Vault.SealBroken _) {
      throw ProblemException.invalid(
          "credentials", "are needed again: the stored ones do not open with this master key");
    }
  }

  private void update(Sender sender, Change wanted, boolean trusted) {
    Violations violations = new Violations();
    violations.require(
        wanted.provider() == null || wanted.provider().equals(sender.provider()),
        "provider",
        "cannot change; add another sender");
    Provider provider = provider(sender.provider(), violations);
    Map<String, Secret> stored = wanted.credentials() == null ? stored(sender.id()) : Map.of();
    // Secrets go only where whoever knows them sends them.
    violations.require(
        trusted || wanted.settings() == null || wanted.credentials() != null || stored.isEmpty(),
        "credentials",
        "are required again when settings change");
    boolean reachesElsewhere = wanted.settings() != null;
    Change complete =
        new Change(
            sender.provider(),
            wanted.address() == null ? sender.address() : wanted.address(),
            wanted.name() == null ? sender.name() : wanted.name(),
            wanted.settings(),
            wanted.credentials(),
            wanted.isDefault());
    SenderStore.Draft draft =
        draft(
            provider,
            complete,
            sender.settings(),
            stored,
            wanted.isDefault() == null ? sender.isDefault() : wanted.isDefault(),
            // Whoever last chose where it connects to decides what it may reach.
            reachesElsewhere ? trusted : sender.trusted(),
            violations);
    check(sender.app(), sender.id().value(), provider, draft, violations);
    if (!store.update(sender.app(), sender.id(), draft)) {
      throw addressTaken();
    }
  }

  void delete(Sender sender) {
    store.delete(sender.app(), sender.id());
    apps.forget(sender.app(), sender.id());
  }

  private Provider provider(@Nullable String name, Violations violations) {
    return providers
        .find(name == null ? "" : name)
        .orElseThrow(() -> {
          violations.add("provider", "must be one of " + String.join(", ", providers.names()));
          return ProblemException.invalid(violations.errors());
        });
  }

  private static SenderStore.Draft draft(
      Provider provider,
      Change wanted,
      Map<String, String> storedSettings,
      Map<String, Secret> storedCredentials,
      boolean isDefault,
      boolean trusted,
      Violations violations) {
    violations.line("name", wanted.name(), 100);
    violations.line("address", wanted.address(), 254);
    Map<String, String> settings =
        wanted.settings() == null ? storedSettings : scalars(wanted.settings(), violations);
    Map<String, Secret> credentials =
        wanted.credentials() == null
            ? storedCredentials
            : secrets(wanted.credentials(), violations);
    return new SenderStore.Draft(
        provider.name(),
        normalised(provider, wanted.address()),
        wanted.name(),
        settings,
        credentials,
        isDefault,
        trusted);
  }

  /** An address the provider understands is stored in its normal form; others it will refuse. */
  private static @Nullable String normalised(Provider provider, @Nullable String address) {
    if (address == null || address.isEmpty()) {
      return null;
    }
    return provider.recipient(address) instanceof Provider.Checked.Ok(var normal)
        ? normal
        : address;
  }

  private static Map<String, String> scalars(Map<String, Object> wanted, Violations violations) {
    Map<String, String> settings = new TreeMap<>();
    violations.require(
        wanted.size() <= MAX_ENTRIES, "settings", "may have at most " + MAX_ENTRIES + " entries");
    wanted.forEach((name, value) -> {
      String field = "settings." + Text.cleaned(name, 64);
      switch (value) {
        case String text -> {
          violations.line(field, text, MAX_VALUE);
          settings.put(name, text);
        }
        case Boolean flag -> settings.put(name, flag.toString());
        case Integer number -> settings.put(name, number.toString());
        case Long number -> settings.put(name, number.toString());
        case null, default ->
            violations.add(field, "must be a text, a whole number, true or false");
      }
    });
    return settings;
  }

  private static Map<String, Secret> secrets(Map<String, String> wanted, Violations violations) {
    Map<String, Secret> secrets = new TreeMap<>();
    violations.require(
        wanted.size() <= MAX_ENTRIES,
        "credentials",
        "may have at most " + MAX_ENTRIES + " entries");
    wanted.forEach((name, value) -> {
      String field = "credentials." + Text.cleaned(name, 64);
      // An empty one would be compared with what callbacks do not say.
      if (violations.require(value != null && !value.isBlank(), field, "must not be empty")) {
        violations.line(field, value, MAX_VALUE);
        secrets.put(name, new Secret(value));
      }
    });
    return secrets;
  }

  private static void check(
      AppId app, long id, Provider provider, SenderStore.Draft draft, Violations violations) {
    violations.addAll(
        provider.checkSender(
            new SenderAccount(
                id,
                app.value(),
                draft.provider(),
                draft.address(),
                draft.name(),
                draft.settings(),
                draft.credentials(),
                draft.trusted())));
    violations.throwIfAny();
  }

  private static ProblemException addressTaken() {
    return ProblemException.of(
        Problem.CONFLICT, "Another sender of this application has this provider and address.");
  }
}
