using System.Globalization;
using SessionManager.Driver;

// Mints against a server and prints one line of JSON: Driver URL[,URL…] KEYS-FILE CALLERS WARM-UP-SECONDS SECONDS [RATE]
var (servers, keys) = (args[0].Split(',').Select(url => new Uri(url)).ToArray(), File.ReadAllLines(args[1]));
var (callers, warmUp, seconds) = (int.Parse(args[2], CultureInfo.InvariantCulture), Number(args[3]), Number(args[4]));
double? rate = args.Length > 5 ? Number(args[5]) : null;
Console.WriteLine(await new Load(servers, keys, callers, rate).Run(TimeSpan.FromSeconds(warmUp), TimeSpan.FromSeconds(seconds)));

static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
