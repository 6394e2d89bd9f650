using System.Net;
using System.Net.Sockets;

namespace SessionManager.Keys;

/// <summary>IP addresses and networks as people write them: <c>203.0.113.7</c>, <c>203.0.113.0/24</c>, <c>2001:db8::/32</c> (RFC 4632, RFC 4291).</summary>
public static class Networks
{
    /// <summary>An address is the network of itself alone. False for bits behind the prefix: whoever wrote them meant something else.</summary>
    public static bool TryParse(string? text, out IPNetwork network)
    {
        network = default;
        if (text is null || text.Contains('%', StringComparison.Ordinal))
            return false;
        var plain = text.Split('/')[0];
        if (!IPAddress.TryParse(plain, out var address) || address.IsIPv4MappedToIPv6)
            return false;
        // The parser takes 1 for 0.0.0.1 and 010 for 8.
        if (address.AddressFamily == AddressFamily.InterNetwork && address.ToString() != plain)
            return false;
        if (text.Contains('/', StringComparison.Ordinal))
            return IPNetwork.TryParse(text, out network) && network.BaseAddress.Equals(address);
        network = new IPNetwork(address, address.GetAddressBytes().Length * 8);
        return true;
    }

    /// <param name="address">An IPv4 address may come as an IPv6 one (RFC 4291, section 2.5.5.2). null: none of them.</param>
    public static bool AnyHas(IEnumerable<string> networks, IPAddress? address)
    {
        if (address is null)
            return false;
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return networks.Any(text => TryParse(text, out var network) && network.Contains(plain));
    }
}
