package dev.postrider.channel;

import dev.postrider.platform.Secret;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A sender as its provider sees it.
 *
 * @param address the number or address messages come from, where the provider needs to be told
 * @param name what recipients see beside the address, where the channel shows one
 * @param settings the provider's own settings, by name
 * @param credentials the provider's secrets, by name, opened
 * @param trusted set up by the operator, so that it may reach private addresses
 */
public record SenderAccount(
    long senderId,
    long appId,
    String provider,
    @Nullable String address,
    @Nullable String name,
    Map<String, String> settings,
    Map<String, Secret> credentials,
    boolean trusted) {

  public Optional<String> setting(String name) {
    return Optional.ofNullable(settings.get(name));
  }

  public Optional<String> credential(String name) {
    return Optional.ofNullable(credentials.get(name)).map(Secret::value);
  }
}
