package dev.sluice.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.kernel.Failure;
import dev.sluice.kernel.FailureException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StoreDocumentTest {
    private static JsonObject parse(String field, String json) {
        return StoreDocument.parse(new JsonObject("{\"name\":\"Shop\",\"" + field + "\":" + json + "}"));
    }

    @Test
    void whatIsNotSaidTakesGreenfieldsDefaults() {
        JsonObject expected = new JsonObject("""
                {"name":"Shop","website":null,"supportUrl":null,"archived":false,"anyoneCanCreateInvoice":false,
                 "defaultCurrency":"USD","additionalTrackedRates":[],"paymentTolerance":0,"speedPolicy":"MediumSpeed",
                 "networkFeeMode":"MultiplePaymentsOnly","defaultPaymentMethod":null,"paymentMethodCriteria":[],
                 "invoiceExpiration":900,"displayExpirationTimer":300,"monitoringExpiration":86400,
                 "refundBOLT11Expiration":30,"recommendedFeeBlockTarget":1,"lightningDescriptionTemplate":null,
                 "lightningAmountInSatoshi":false,"lightningPrivateRouteHints":false,
                 "onChainWithLnInvoiceFallback":false,
                 "redirectAutomatically":false,"payJoinEnabled":false,"autoDetectLanguage":false,
                 "playSoundOnPayment":false,"lazyPaymentMethods":false,"showRecommendedFee":true,
                 "showPayInWalletButton":true,"showStoreHeader":true,"celebratePayment":true,"defaultLang":"en",
                 "htmlTitle":null,"receipt":{"enabled":true,"showQR":true,"showPayments":true},"logoUrl":null,
                 "cssUrl":null,"paymentSoundUrl":null,"brandColor":null,"applyBrandColorToBackend":false}
                """);
        JsonObject plain =
                StoreDocument.parse(new JsonObject("{\"name\":\"Shop\",\"surprise\":1,\"speedPolicy\":null}"));
        assertThat(new JsonObject(plain.encode())).isEqualTo(expected);
        assertThat(StoreDocument.parse(plain))
                .as("what is shown can be sent back")
                .isEqualTo(plain);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "paymentTolerance|0.5|0.5",
                "paymentTolerance|'\"100\"'|100",
                "invoiceExpiration|'\"3600\"'|3600",
                "invoiceExpiration|119|60",
                "invoiceExpiration|900.0|900",
                "invoiceExpiration|2073600|2073600",
                "monitoringExpiration|600|600",
                "refundBOLT11Expiration|0|0",
                "speedPolicy|'\"lowspeed\"'|LowSpeed",
                "networkFeeMode|'\"Never\"'|Never",
                "defaultCurrency|'\"jmd\"'|JMD",
                "defaultCurrency|'\"SATS\"'|SATS",
                "defaultPaymentMethod|'\"BTC_LightningNetwork\"'|BTC-LN",
                "supportUrl|'\"mailto:help@example.org?o={OrderId}\"'|mailto:help@example.org?o={OrderId}",
                "supportUrl|'\"nostr:npub1abc\"'|nostr:npub1abc",
                "logoUrl|'\"fileid:abc-1\"'|fileid:abc-1",
                "logoUrl|'\"https://shop.example/logo.png\"'|https://shop.example/logo.png",
                "logoUrl|'\"data:image/png;base64,iVBORw0KGgo=\"'|data:image/png;base64,iVBORw0KGgo=",
                "brandColor|'\"#F7931A\"'|#F7931A",
                "defaultLang|'\"zh-TW\"'|zh-TW",
                "website|'\"\"'|null"
            })
    void fieldsAreTaken(String field, String json, String kept) {
        assertThat(String.valueOf(parse(field, json).getValue(field))).isEqualTo(kept);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "name|null|Name",
                "name|'\"  \"'|Name",
                "name|7|Name",
                "name|'\"123456789012345678901234567890123456789012345678901\"'|Name",
                "name|'\"a\\u0000b\"'|Name",
                "defaultCurrency|'\"DOGE\"'|DefaultCurrency",
                "paymentTolerance|-0.1|PaymentTolerance",
                "paymentTolerance|100.01|PaymentTolerance",
                "paymentTolerance|'\"1e-999999999\"'|PaymentTolerance",
                "paymentTolerance|'\"NaN\"'|PaymentTolerance",
                "paymentTolerance|true|PaymentTolerance",
                "invoiceExpiration|59|InvoiceExpiration",
                "invoiceExpiration|2073601|InvoiceExpiration",
                "invoiceExpiration|90.5|InvoiceExpiration",
                "invoiceExpiration|'\"soon\"'|InvoiceExpiration",
                "displayExpirationTimer|0|DisplayExpirationTimer",
                "monitoringExpiration|599|MonitoringExpiration",
                "refundBOLT11Expiration|3651|RefundBOLT11Expiration",
                "recommendedFeeBlockTarget|0|RecommendedFeeBlockTarget",
                "speedPolicy|'\"Warp\"'|SpeedPolicy",
                "networkFeeMode|'\"Sometimes\"'|NetworkFeeMode",
                "defaultPaymentMethod|'\"LTC\"'|DefaultPaymentMethod",
                "website|'\"example.org\"'|Website",
                "website|'\"javascript:alert(1)\"'|Website",
                "supportUrl|'\"JavaScript:alert(1)\"'|SupportUrl",
                "supportUrl|'\"javascript{OrderId}:alert(1)\"'|SupportUrl",
                "supportUrl|'\"java{OrderId}script:alert(1)\"'|SupportUrl",
                "supportUrl|'\"https://x/\\\"><script>\"'|SupportUrl",
                "cssUrl|'\"data:text/css,x\"'|CssUrl",
                "logoUrl|'\"data:image/svg+xml;base64,PHN2Zy8+\"'|LogoUrl",
                "logoUrl|'\"data:image/png;base64,PHN2Zy8+\"'|LogoUrl",
                "logoUrl|'\"javascript:alert(1)\"'|LogoUrl",
                "logoUrl|7|LogoUrl",
                "brandColor|'\"red\"'|BrandColor",
                "defaultLang|'\"../en\"'|DefaultLang",
                "archived|'\"yes\"'|Archived",
                "receipt|'{\"showQR\":1}'|Receipt.ShowQR",
                "receipt|[]|Receipt",
                "additionalTrackedRates|'[\"EUR\",\"XYZW\"]'|AdditionalTrackedRates[1]",
                "paymentMethodCriteria|'[{\"paymentMethodId\":\"BTC-LN\",\"amount\":\"-1\"}]'|"
                        + "PaymentMethodCriteria[0].Amount",
                "paymentMethodCriteria|'[{\"amount\":\"1\"}]'|PaymentMethodCriteria[0].PaymentMethodId"
            })
    void fieldsAreRefusedByPath(String field, String json, String path) {
        JsonObject body =
                new JsonObject("{\"name\":\"Shop\"}").mergeIn(new JsonObject("{\"" + field + "\":" + json + "}"));
        assertThatThrownBy(() -> StoreDocument.parse(body))
                .isInstanceOfSatisfying(
                        FailureException.class,
                        failure -> assertThat(((Failure.Invalid) failure.failure()).errors())
                                .extracting(Failure.FieldError::path)
                                .containsExactly(path));
    }

    @Test
    void everythingWrongIsToldAtOnce() {
        JsonObject body =
                new JsonObject().put("paymentTolerance", 101).put("additionalTrackedRates", new JsonArray().add(1));
        assertThatThrownBy(() -> StoreDocument.parse(body))
                .isInstanceOfSatisfying(
                        FailureException.class,
                        failure -> assertThat(((Failure.Invalid) failure.failure()).errors())
                                .extracting(Failure.FieldError::path)
                                .containsExactly("Name", "AdditionalTrackedRates[0]", "PaymentTolerance"));
    }
}
