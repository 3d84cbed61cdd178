package dev.postrider.channel;

import dev.postrider.platform.Violations;
import java.net.URI;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What the providers' checks of a sender have in common. */
public final class SenderChecks {
  private static final int MAX_PORT = 65_535;

  private final SenderAccount account;
  private final Violations violations = new Violations();

  public SenderChecks(SenderAccount account) {
    this.account = account;
  }

  public Violations violations() {
    return violations;
  }

  public SenderChecks known(Set<String> settings, Set<String> credentials) {
    account.settings().keySet().stream()
        .filter(name -> !settings.contains(name))
        .sorted()
        .forEach(name ->
            violations.add("settings." + name, "is not a known setting; known are " + settings));
    account.credentials().keySet().stream()
        .filter(name -> !credentials.contains(name))
        .sorted()
        .forEach(name ->
            violations.add(
                "credentials." + name, "is not a known credential; known are " + credentials));
    return this;
  }

  public SenderChecks required(String setting) {
    violations.require(account.setting(setting).isPresent(), "settings." + setting, "is required");
    return this;
  }

  public SenderChecks requiredCredential(String credential) {
    violations.require(
        account.credential(credential).isPresent(), "credentials." + credential, "is required");
    return this;
  }

  public SenderChecks oneOf(String setting, Set<String> values) {
    account
        .setting(setting)
        .ifPresent(value ->
            violations.require(
                values.contains(value), "settings." + setting, "must be one of " + values));
    return this;
  }

  public SenderChecks like(String setting, Pattern form, String rule) {
    account
        .setting(setting)
        .ifPresent(value ->
            violations.require(form.matcher(value).matches(), "settings." + setting, rule));
    return this;
  }

  /** The address is a phone number, where there is one. */
  public SenderChecks phoneAddress() {
    if (account.address() != null
        && PhoneNumbers.e164(account.address()) instanceof Provider.Checked.Bad bad) {
      violations.add("address", bad.detail());
    }
    return this;
  }

  public SenderChecks port(String setting) {
    account
        .setting(setting)
        .ifPresent(value ->
            violations.require(
                value.matches("[1-9][0-9]{0,4}") && Integer.parseInt(value) <= MAX_PORT,
                "settings." + setting,
                "must be a port from 1 to 65535"));
    return this;
  }

  public SenderChecks httpUrl(String setting) {
    account
        .setting(setting)
        .ifPresent(value ->
            violations.require(
                httpUri(value) != null,
                "settings." + setting,
                "must be a URL such as https://waha.example.org, without user name or query"));
    return this;
  }

  /** The URL without a trailing slash; null where it is not one we would call. */
  public static @Nullable URI httpUri(String value) {
    try {
      URI uri = URI.create(value.endsWith("/") ? value.substring(0, value.length() - 1) : value);
      boolean plain =
          uri.getHost() != null
              && uri.getUserInfo() == null
              && uri.getQuery() == null
              && uri.getFragment() == null
              && uri.getPort() <= MAX_PORT
              && Optional.ofNullable(uri.getScheme())
                  .filter(Set.of("http", "https")::contains)
                  .isPresent();
      return plain ? uri : null;
    } catch (IllegalArgumentException _) {
      return null;
    }
  }
}
