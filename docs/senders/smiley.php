<?php
// The page behind the smileys in a mail, for help desks that cannot tell of ratings themselves. Opening it changes nothing,
// because mail scanners open every link; only the button sends. Adjust the five lines below.
const ADDRESS = 'https://bot.example.org/webhooks/osticket';        // of smileybot
const BEARER = false;                                               // true: a token in a header; false: the secret ends the address
const RATING = 'smiley';                                            // the name of the rating in the link and in the mapping
const KEEP = ['ticket', 'subject', 'name', 'email', 'staff', 'url']; // what the link may tell beside it
const FACES = ['green' => '🙂 Good', 'yellow' => '😐 It was okay', 'red' => '🙁 Not good'];
// The secret is in the environment of the web server, never in this file: SMILEYBOT_SECRET.

header('Referrer-Policy: no-referrer');
header('Cache-Control: no-store');
header("Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'");
header('Content-Type: text/html; charset=utf-8');

function said(array $from, string $name): string
{
    $value = $from[$name] ?? '';
    return is_string($value) && preg_match('/^.{0,5000}/us', $value, $found) ? $found[0] : '';
}

function escaped(string $text): string
{
    return htmlspecialchars($text, ENT_QUOTES, 'UTF-8');
}

function tell(array $fields): bool
{
    $secret = (string) getenv('SMILEYBOT_SECRET');
    $call = curl_init(BEARER ? ADDRESS : ADDRESS . '/' . rawurlencode($secret));
    curl_setopt_array($call, [
        CURLOPT_POSTFIELDS => http_build_query($fields),
        CURLOPT_HTTPHEADER => BEARER ? ['Authorization: Bearer ' . $secret] : [],
        CURLOPT_RETURNTRANSFER => true,
        CURLOPT_TIMEOUT => 10,
    ]);
    curl_exec($call);
    $status = curl_getinfo($call, CURLINFO_RESPONSE_CODE);
    return $status >= 200 && $status < 300;
}

$posted = $_SERVER['REQUEST_METHOD'] === 'POST';
$from = $posted ? $_POST : $_GET;
$face = said($from, RATING);
$sent = null;
if ($posted && isset(FACES[$face])) {
    $fields = [RATING => $face, 'comment' => said($from, 'comment')];
    foreach (KEEP as $name) {
        $fields[$name] = said($from, $name);
    }
    $sent = tell($fields);
    http_response_code($sent ? 200 : 502);
}
?>
<!doctype html>
<html lang="en">
<meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex">
<title>How did we do?</title>
<style>body{font:1.1rem/1.5 sans-serif;max-width:32rem;margin:2rem auto;padding:0 1rem}label{display:block;margin:.5rem 0}textarea{width:100%;font:inherit}button{font:inherit;padding:.5rem 1rem}</style>
<h1>How did we do?</h1>
<?php if ($sent): ?>
<p>Thank you. You can close this page.
<?php else: ?>
<?php if ($sent === false): ?><p><strong>That did not get through. Please try again in a minute.</strong><?php endif ?>
<form method="post" action="?">
<?php foreach (KEEP as $name): ?>
<input type="hidden" name="<?= $name ?>" value="<?= escaped(said($from, $name)) ?>">
<?php endforeach ?>
<?php foreach (FACES as $value => $words): ?>
<label><input type="radio" name="<?= RATING ?>" value="<?= $value ?>" required <?= $value === $face ? 'checked' : '' ?>> <?= $words ?></label>
<?php endforeach ?>
<label>Why? <textarea name="comment" rows="4" maxlength="5000"><?= escaped(said($from, 'comment')) ?></textarea></label>
<button>Send</button>
</form>
<?php endif ?>
</html>
