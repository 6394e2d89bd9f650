using System.Reflection;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;
using Scalar.AspNetCore;

namespace SessionManager.Api.Pages;

/// <summary>Pages and what is on them: embedded, and asking nobody but this server for anything.</summary>
static class StaticFile
{
    public static FileContentHttpResult Page { get; } = Embedded("docs.html", "text/html; charset=utf-8");
    public static FileContentHttpResult Script { get; } = Embedded("docs.js", "text/javascript; charset=utf-8");
    public static FileContentHttpResult Style { get; } = Embedded("docs.css", "text/css; charset=utf-8");

    /// <summary>
    /// Scalar, compressed with gzip, out of its package. The page that the package would map has its script inline, which the policy
    /// of ours forbids, and could not list the errors.
    /// </summary>
    public static FileContentHttpResult Scalar { get; } =
        Embedded(typeof(ScalarOptions).Assembly, "ScalarStaticAssets.scalar.js", "text/javascript; charset=utf-8");

    /// <summary>With an entity tag of its content, so that asking again is cheap.</summary>
    public static FileContentHttpResult Of(byte[] content, string type) => TypedResults.File(
        content, type, entityTag: new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 8))}\""));

    public static FileContentHttpResult Embedded(string name, string type) => Embedded(typeof(StaticFile).Assembly, name, type);

    static FileContentHttpResult Embedded(Assembly assembly, string name, string type)
    {
        using var file = assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"{name} is not embedded.");
        using var content = new MemoryStream();
        file.CopyTo(content);
        return Of(content.ToArray(), type);
    }
}
