# The text of a configuration file: `key = value`, in the order given.
function troupe::setting_lines(Troupe::Settings $settings) >> String {
  $lines = $settings.map |$key, $value| {
    $text = $value ? {
      true    => 1,
      false   => 0,
      default => $value,
    }
    "${key} = ${text}\n"
  }
  $lines.join('')
}
