/** SMS and MMS through Twilio's Programmable Messaging (twilio.com/docs/messaging/api). */
@NullMarked
package dev.postrider.channel.twilio;

import org.jspecify.annotations.NullMarked;
