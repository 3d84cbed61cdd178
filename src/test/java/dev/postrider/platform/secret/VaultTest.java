package dev.postrider.platform.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postrider.platform.ProblemException;
import dev.postrider.platform.Secret;
import dev.postrider.platform.SettingsException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;

class VaultTest {
  private final MasterKey key = MasterKey.parse(new Secret(MasterKey.generate()));
  private final Vault vault = new Vault(key);
  private final byte[] secret = "s3cret".getBytes(StandardCharsets.UTF_8);

  @Test
  void opensWhatItSealedInTheSamePlaceOnly() {
    byte[] sealed = vault.seal(secret, "senders.credentials/1");
    assertThat(vault.open(sealed, "senders.credentials/1")).isEqualTo(secret);
    assertThat(sealed).isNotEqualTo(vault.seal(secret, "senders.credentials/1"));
    assertThatThrownBy(() -> vault.open(sealed, "senders.credentials/2"))
        .isInstanceOf(Vault.SealBroken.class);
  }

  @Test
  void opensNothingSealedWithAnotherKey() {
    byte[] sealed = new Vault(MasterKey.parse(new Secret(MasterKey.generate()))).seal(secret, "x");
    assertThatThrownBy(() -> vault.open(sealed, "x")).isInstanceOf(Vault.SealBroken.class);
  }

  @Test
  void refusesAMasterKeyThatIsNone() {
    String zeroes = Base64.getEncoder().encodeToString(new byte[32]);
    for (String text : new String[] {"", "short", "not base64 !", "AAAA", zeroes}) {
      assertThatThrownBy(() -> MasterKey.parse(new Secret(text)))
          .isInstanceOf(SettingsException.class);
    }
  }

  @Test
  void takesBackOnlyCursorsItGaveOutForThatList() {
    Cursors cursors = new Cursors(key);
    String cursor = cursors.encode("messages/1", 4711);
    assertThat(cursors.decode("messages/1", cursor, 0)).isEqualTo(4711);
    assertThat(cursors.decode("messages/1", null, 7)).isEqualTo(7);
    assertThatThrownBy(() -> cursors.decode("messages/2", cursor, 0))
        .isInstanceOf(ProblemException.class);
    assertThatThrownBy(() -> cursors.decode("messages/1", cursor + "A", 0))
        .isInstanceOf(ProblemException.class);
  }
}
