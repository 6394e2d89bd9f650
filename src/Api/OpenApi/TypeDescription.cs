using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using SessionManager.Api.Admin;

namespace SessionManager.Api.OpenApi;

/// <summary>
/// Describes types as they are on the wire: what can be null in our records is left out there, and what a body must have is
/// marked in it as required.
/// </summary>
sealed class TypeDescription : IOpenApiSchemaTransformer
{
    public Task TransformAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        var type = context.JsonTypeInfo.Type;
        if (type == typeof(DateTimeOffset) || type == typeof(DateTimeOffset?))
            schema.Type = JsonSchemaType.String;
        if (type == typeof(PatchValue<int>) || type == typeof(PatchValue<double>))
        {
            schema.Type = (type == typeof(PatchValue<int>) ? JsonSchemaType.Integer : JsonSchemaType.Number) | JsonSchemaType.Null;
            schema.Properties = null;
            schema.AdditionalPropertiesAllowed = true;
            schema.Default = null;
            return Task.CompletedTask;
        }

        if (context.JsonPropertyInfo is not null && schema.Type is { } kinds)
            schema.Type = kinds & ~JsonSchemaType.Null;
        foreach (var property in context.JsonTypeInfo.Properties)
        {
            if (property.AttributeProvider?.IsDefined(typeof(RequiredAttribute), inherit: false) == true)
                (schema.Required ??= new HashSet<string>()).Add(property.Name);
            else if (property.IsGetNullable)
                schema.Required?.Remove(property.Name);
        }

        return Task.CompletedTask;
    }
}
