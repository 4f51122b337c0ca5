package dev.sluice.lnurl;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class LnurlTest {
    /** The example of LUD-01. */
    @Test
    void linkOfTheSpecification() {
        String url = "https://service.com/api?q=3fc3645b439ce8e7f2553a69e5267081d96dcd340693afabe04be7b0ccd178df";
        assertThat(Lnurl.encode(url))
                .isEqualToIgnoringCase(
                        "LNURL1DP68GURN8GHJ7UM9WFMXJCM99E3K7MF0V9CXJ0M385EKVCENXC6R2C35XVUKXEFCV5MKVV34X5E"
                                + "KZD3EV56NYD3HXQURZEPEXEJXXEPNXSCRVWFNV9NXZCN9XQ6XYEFHVGCXXCMYXYMNSERXFQ5FNS");
    }

    @Test
    void linkOfACard() {
        assertThat(Lnurl.encode("https://btcpay.example.com/boltcard/top-up?p=0DBF3C59B59B0638D60B5842A997D4D1"))
                .isEqualTo("lnurl1dp68gurn8ghj7cn5vdcxz7fwv4uxzmtsd3jjucm0d5hkymmvw33kzuny9a6x7updw4cr7upaxpzyy33ngv6n"
                        + "js3489prqd3n8pzrvvzzx5urgvjp8yunw3p5gscs5ggutd");
    }

    @Test
    void schemesOfTheSpecification() {
        assertThat(Lnurl.withScheme("lnurlp", "https://pay.example.com/boltcard/top-up?p=0DBF"))
                .isEqualTo("lnurlp://pay.example.com/boltcard/top-up?p=0DBF");
        assertThat(Lnurl.withScheme("lnurlw", "http://abcdef.onion/boltcard"))
                .isEqualTo("lnurlw://abcdef.onion/boltcard");
    }

    @Test
    void metadataAndWhatAnInvoiceCommitsTo() {
        String metadata = Lnurl.metadata("text/plain", "Boltcard Top-Up");
        assertThat(metadata).isEqualTo("[[\"text/plain\",\"Boltcard Top-Up\"]]");
        assertThat(HexFormat.of().formatHex(Lnurl.descriptionHash(metadata)))
                .isEqualTo("bb40fdbca5d1b7546dec353461b7a8d0385dc5bf8b2c8260c5d03d3298ef7d92");
    }
}
